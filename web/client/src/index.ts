// Events, frames and spectra of a photophone server.

export { ApiError } from "./api-error.js";
export type { Phase } from "./connection.js";
export * from "./wire.js";
