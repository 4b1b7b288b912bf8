import type { Random } from "./random.ts";

export interface User {
  readonly id: number;
  readonly email: string;
}

/** The people of the account. Whoever is asked for is there. */
export interface Users {
  ofToken(token: string): User;
  ofEmail(email: string): User;
}

/** Whose account it is: tokens that aren't anyone else's are theirs. */
const OWNER = "owner@example.com";

export function createUsers(random: Random, emailOfToken: Readonly<Record<string, string>>): Users {
  const users = new Map<string, User>();
  function ofEmail(email: string): User {
    const user = users.get(email) ?? { id: random.id(), email };
    users.set(email, user);
    return user;
  }
  return {
    ofEmail,
    ofToken: (token) => ofEmail(Object.hasOwn(emailOfToken, token) ? emailOfToken[token]! : OWNER),
  };
}

export function userView({ id, email }: User): Record<string, unknown> {
  const [firstName] = email.split("@");
  return {
    id,
    email,
    firstName,
    lastName: "Simulated",
    locale: "en_US",
    timeZone: "Etc/UTC",
    account: { id: 1, name: "sheethook simulator" },
    admin: true,
    licensedSheetCreator: true,
  };
}
