// Finds the binary messages in a stream that comes in pieces of any size, as from fetch.

import { type BinaryMessage, decodeMessage, type Lengths, MAX_MESSAGE_BYTES, PREFIX_BYTES, readLengths } from "./binary";

/** Takes piece after piece and hands on each message when it is whole. Throws when the stream is not one of messages. */
export class BinaryStream {
  /** The beginning of a message whose end has not come yet. */
  private pieces: Uint8Array[] = [];
  /** Bytes in `pieces`: not zero at the end of a stream that was cut off. */
  pending_bytes = 0;
  private lengths: Lengths | null = null;

  constructor(
    private readonly onMessage: (message: BinaryMessage) => void,
    private readonly most_bytes: number = MAX_MESSAGE_BYTES,
  ) {}

  push(piece: Uint8Array): void {
    let rest = piece;
    while (rest.length > 0) {
      const wanted = (this.lengths?.message_bytes ?? PREFIX_BYTES) - this.pending_bytes;
      this.keep(rest.subarray(0, wanted));
      rest = rest.subarray(wanted);
      if (this.lengths === null) this.lengths = readLengths(this.joined(), this.most_bytes);
      if (this.lengths?.message_bytes === this.pending_bytes) this.complete();
    }
  }

  private keep(piece: Uint8Array): void {
    this.pieces.push(piece);
    this.pending_bytes += piece.length;
  }

  private complete(): void {
    const message = decodeMessage(this.joined());
    this.pieces = [];
    this.pending_bytes = 0;
    this.lengths = null;
    this.onMessage(message);
  }

  /** A copy of its own: aligned, and a message can be handed to another thread without the others of its piece. */
  private joined(): Uint8Array<ArrayBuffer> {
    const joined = new Uint8Array(this.pending_bytes);
    let at = 0;
    for (const piece of this.pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    return joined;
  }
}
