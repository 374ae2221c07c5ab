// Events, frames and spectra of a photophone server.

export { ApiError } from "./api-error.js";
export type { Phase } from "./connection.js";
export type {
  CaptureAnswer, CapturedEvent, EventMap, FilterOperator, Lagged, Properties, RealtimeEvent, ServerEvents, Subscription,
  SubscriptionFilter, ViewerProperties,
} from "./events.js";
export type { GapItem, StateItem } from "./course.js";
export { type EndItem, type FeedItem, type FeedOptions, type FrameItem, frames, spectra, type SpectrumItem } from "./feed.js";
export { RealtimeAnalytics, type RealtimeOptions } from "./realtime.js";
export type { ServerOptions } from "./server.js";
export type { SocketLike } from "./socket.js";
export * from "./wire.js";
