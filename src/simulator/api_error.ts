/** An API error, in Smartsheet's words: https://developers.smartsheet.com/api/smartsheet/error-codes */
export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;
  readonly errorCode: number;
  readonly detail: unknown;

  constructor(status: number, errorCode: number, message: string, detail?: unknown) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
    this.detail = detail;
  }
}

export function notFound(detail?: unknown): ApiError {
  return new ApiError(404, 1006, "Not Found", detail);
}

export function notAuthorized(): ApiError {
  return new ApiError(403, 1004, "You are not authorized to perform this action.");
}

export function methodNotSupported(): ApiError {
  return new ApiError(405, 1010, "HTTP Method not supported.");
}

export function tooLarge(maxBytes: number): ApiError {
  return new ApiError(413, 1008, `Unable to parse request. The request body is larger than ${maxBytes} bytes.`);
}

export function unparsable(reason: string): ApiError {
  return new ApiError(400, 1008, `Unable to parse request. The following error occurred: ${reason}`);
}

export function missing(attribute: string, detail?: unknown): ApiError {
  return new ApiError(400, 1012, `Required object attribute(s) are missing from your request: ${attribute}.`, detail);
}

export function missingParameter(name: string): ApiError {
  return new ApiError(400, 1009, `A required parameter is missing from your request: ${name}.`);
}

export function invalidParameter(name: string, value: unknown): ApiError {
  return new ApiError(400, 1018, `The value ${quote(value)} was not valid for the parameter ${name}.`);
}

export function invalidAttribute(name: string, value: unknown): ApiError {
  return new ApiError(400, 1031, `The value ${quote(value)} was not valid for the attribute ${name}.`);
}

export function notAllowed(attributes: readonly string[]): ApiError {
  return new ApiError(400, 1032, `The attribute(s) ${attributes.join(", ")} are not allowed for this operation.`);
}

function quote(value: unknown): string {
  return `'${typeof value === "string" ? value : JSON.stringify(value)}'`;
}
