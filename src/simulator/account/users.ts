import type { Random } from "../random.ts";

export interface User {
  readonly id: number;
  readonly email: string;
}

/** The users of the account, created on first use. */
export interface Users {
  readonly owner: User;
  ofToken(token: string): User;
  ofEmail(email: string): User;
  /** Returns a user who exists already. */
  get(id: number): User;
}

/** The owner of the account, and of all tokens that belong to nobody else. */
const OWNER = "owner@example.com";
const LAST_NAME = "Simulated";

export function createUsers(random: Random, emailOfToken: Readonly<Record<string, string>>): Users {
  const users = new Map<string, User>();
  function ofEmail(email: string): User {
    const user = users.get(email) ?? { id: random.id(), email };
    users.set(email, user);
    return user;
  }
  return {
    get owner() {
      return ofEmail(OWNER);
    },
    ofEmail,
    get: (id) => [...users.values()].find((user) => user.id === id)!,
    ofToken: (token) => ofEmail(Object.hasOwn(emailOfToken, token) ? emailOfToken[token]! : OWNER),
  };
}

/** A user in a row's `createdBy` and `modifiedBy`. */
export function writerView({ email }: User): { readonly email: string; readonly name: string } {
  return { email, name: `${firstNameOf(email)} ${LAST_NAME}` };
}

/** The user in `GET /users/me`. */
export function userView({ id, email }: User): Record<string, unknown> {
  return {
    id,
    email,
    firstName: firstNameOf(email),
    lastName: LAST_NAME,
    locale: "en_US",
    timeZone: "Etc/UTC",
    account: { id: 1, name: "sheethook simulator" },
    admin: true,
    licensedSheetCreator: true,
  };
}

function firstNameOf(email: string): string {
  return email.split("@")[0]!;
}
