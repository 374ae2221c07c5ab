// What the HTTP API answers, field by field. Only declarations; the calls are in client.ts.

import type { RealtimeEvent } from "@photophone/client";
import type { StateReason } from "@photophone/client/wire";

/** A value per channel; null where there is none (silence, mono, not known yet). */
export interface PerChannel {
  a: number | null;
  b: number | null;
}

export interface Session {
  subject: string;
  scopes: string[];
  /** Unix seconds. */
  expires_at: number;
}

export interface AuthMethods {
  password: boolean;
  link: boolean;
  token: boolean;
}

export interface Version {
  name: string;
  version: string;
}

export interface ServerTime {
  utc_us: number;
  monotonic_us: number;
}

export interface Integrity {
  path: "bit_exact" | "converted" | "unknown";
  /** What was done, for `converted`. */
  how?: string;
  /** Why it is not known, for `unknown`. */
  why?: string;
}

export interface Pace {
  mode: "device" | "clock" | "fast";
  /** Multiple of real time, for `clock`. */
  factor?: number;
}

export interface SourceStatus {
  state: string;
  reason: StateReason | null;
  /** The source that was opened last; null before one was open. */
  source: SourceInfo | null;
  calibration: Calibration;
}

export interface Calibration {
  a: ChannelCalibration;
  /** Whether the source has a channel B or not. */
  b: ChannelCalibration;
}

export interface ChannelCalibration {
  calibrated: boolean;
  /** Units that spectra of this channel can have. */
  units: string[];
  /** Null when not set. */
  full_scale_v: number | null;
}

export interface SourceInfo {
  kind: string;
  name: string;
  /** Device id, path or scenario. */
  id: string;
  sample_rate: number;
  channels: number;
  device_channels: number;
  format: string;
  integrity: Integrity;
  /** Absolute amplitude at and above which a sample counts as clipped. */
  clip_level: number;
  pace: Pace;
}

export interface StreamStats {
  total_frames: number;
  dropped_frames: number;
  active_subscribers: number;
  stalled_viewers: number;
  fps: number | null;
  /** Unix milliseconds. */
  last_update: number | null;
  sample_rate: number | null;
  channels: number | null;
  samples_total: number;
  samples_lost: { device: number; ring: number; reopen: number };
  clipped_samples: PerChannel;
  nonfinite_samples: number;
  peak_dbfs: PerChannel;
  /** 0 dBFS = full-scale sine (AES17). */
  rms_dbfs: PerChannel;
  state: string;
  state_reason: StateReason | null;
  epoch: string | null;
  uptime_secs: number;
  measured_rate_hz: number | null;
  rate_deviation_ppm: number | null;
}

/** An event, however it came. */
export type LabEvent = Omit<RealtimeEvent, "subscription_ids" | "place" | "person">;

export interface EventList {
  /** The newest first. */
  events: LabEvent[];
  /** Null when there is nothing more. */
  cursor: string | null;
  /** False when the server looked at no more for one request. */
  complete: boolean;
  looked_at: number;
  durable_until: string | null;
  /** Null when events are in memory only. */
  flush_ms: number | null;
}

export interface LiveUser {
  distinct_id: string;
  session_id: string | null;
  current_url: string | null;
  /** RFC 3339. */
  last_seen: string;
}

export interface PageCount {
  path: string;
  count: number;
}

export interface UserList {
  live_users: number;
  users: LiveUser[];
  /** How many users are where. */
  pages: PageCount[];
}

export interface LiveDashboardData {
  live_users: number;
  events_per_minute: Record<string, number>;
  recent_events: LabEvent[];
  top_pages: PageCount[];
  timestamp: string;
}
