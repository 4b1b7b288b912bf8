import { SheethookError } from "../../errors.ts";

/** The error for arguments, options or variables that can't be right: the command ends with exit code 2. */
export function usageError(message: string): SheethookError {
  return new SheethookError("option_invalid", message);
}
