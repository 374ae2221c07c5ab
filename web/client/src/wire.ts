// The format of the streams for who reads messages by other means than frames() and spectra(): docs/wire.md.

export { type BinaryMessage, decodeMessage, type FrameFlag, type Place, readHead, VersionError } from "./binary.js";
export {
  type FrameEvent, type FrameHead, type GapCause, type GapEvent, type PeakEvent, readFrame, readGap, readSpectrum, readState,
  type SpectrumEvent, type StateEvent, type StateReason, WireError,
} from "./feed-events.js";
