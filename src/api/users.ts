import type { CallOptions, SendRequest } from "./request.ts";

/** The token's owner. */
export interface User {
  /** The user's id. */
  readonly id: number;
  /** E-mail address. */
  readonly email: string;
  /** First name. */
  readonly firstName?: string;
  /** Last name. */
  readonly lastName?: string;
}

/** https://developers.smartsheet.com/api/smartsheet/openapi/users */
export interface UserCalls {
  /** The token's owner: the cheapest way to check whether a token is valid. */
  me(options?: CallOptions): Promise<User>;
}

export function createUserCalls(send: SendRequest): UserCalls {
  return {
    me: async (options) => await send({ method: "GET", path: "users/me", options }) as unknown as User,
  };
}
