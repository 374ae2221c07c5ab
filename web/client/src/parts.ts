// What connections are made of, for who builds one that this package does not have, as the page of the server does.

export { ApiError, apiError, type ErrorBody } from "./api-error.js";
export { backoff_ms } from "./backoff.js";
export { Connection, type ConnectionOptions, type Heard, type Phase, type Transport } from "./connection.js";
export type { Refusal } from "./refusal.js";
export { overSocket, type SocketLike, type SocketTransportOptions } from "./socket.js";
