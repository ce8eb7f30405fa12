export interface ErrorBody {
  readonly error: {
    readonly code: number;
    readonly message: string;
    readonly metadata?: Readonly<Record<string, unknown>>;
  };
}

export function errorBody(code: number, message: string, metadata?: Readonly<Record<string, unknown>>): ErrorBody {
  return { error: metadata === undefined ? { code, message } : { code, message, metadata } };
}

export function errorResponse(body: ErrorBody, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status: body.error.code, headers });
}

export function unauthorized(isKeyPresent: boolean): Response {
  return errorResponse(errorBody(401, isKeyPresent ? "User not found." : "No cookie auth credentials found"));
}
