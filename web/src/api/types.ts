// What the HTTP API answers, field by field. Only declarations; the calls are in client.ts.

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
  commit?: string;
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

/** What the server listens to; every field but `open` and `state` is absent until the source is open. */
export interface SourceInfo {
  open?: boolean;
  state?: string;
  kind?: string;
  name?: string;
  id?: string;
  sample_rate?: number;
  channels?: number;
  device_channels?: number;
  format?: string;
  integrity?: Integrity;
  /** Absolute amplitude at and above which a sample counts as clipped. */
  clip_level?: number;
  pace?: Pace;
}

export interface StreamStats {
  total_frames: number;
  dropped_frames: number;
  active_subscribers: number;
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
  rms_dbfs: PerChannel;
  state: string;
  state_reason: string | null;
  epoch: string | null;
  uptime_secs: number;
  measured_rate_hz: number | null;
  rate_deviation_ppm: number | null;
}

export interface ErrorBody {
  error: { code: string; message: string; status: number };
}
