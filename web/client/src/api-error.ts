// What the server says when it refuses.

export interface ErrorBody {
  error: { code: string; message: string; status: number };
}

/** The server refused, or there is no answer of it (`status` 0). */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  /** Seconds to wait before the next try, when the server says so. */
  readonly retry_after_secs: number | null;

  constructor(code: string, message: string, status: number, retry_after_secs: number | null = null) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.retry_after_secs = retry_after_secs;
  }
}

/** Reads the error body of a refused request, which a proxy in between may have replaced by something else. */
export async function apiError(response: Response): Promise<ApiError> {
  const header = response.headers.get("Retry-After") ?? "";
  const retry_after_secs = /^\d+$/.test(header) ? Number(header) : null;
  try {
    const { error } = (await response.json()) as ErrorBody;
    return new ApiError(error.code, error.message, response.status, retry_after_secs);
  } catch {
    return new ApiError("unexpected_answer", `The server answered ${response.status}`, response.status, retry_after_secs);
  }
}
