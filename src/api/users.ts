import type { CallOptions, SendRequest } from "./request.ts";

/** The token's owner. */
export interface User {
  readonly id: number;
  readonly email: string;
  readonly firstName?: string;
  readonly lastName?: string;
}

/** https://developers.smartsheet.com/api/smartsheet/openapi/users */
export interface UserCalls {
  /** Who the token belongs to: the cheapest way to find out whether it is valid. */
  me(options?: CallOptions): Promise<User>;
}

export function createUserCalls(send: SendRequest): UserCalls {
  return {
    me: async (options) => await send({ method: "GET", path: "users/me", options }) as unknown as User,
  };
}
