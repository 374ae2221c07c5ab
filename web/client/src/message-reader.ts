// Binary messages that come back to back, in pieces of whatever length. See docs/wire.md.

import { lengthOf, PREFIX_BYTES } from "./binary.js";

export class MessageReader {
  /** Of the message that is being read: as many bytes as tell its length, then all of it. */
  private bytes = new Uint8Array(PREFIX_BYTES);
  private filled = 0;
  private is_whole = false;

  /** The messages that are complete with this piece, each in a buffer of its own. Throws `WireError` where they cannot be read. */
  *read(piece: Uint8Array): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
    let at = 0;
    while (at < piece.length) {
      const count = Math.min(this.bytes.length - this.filled, piece.length - at);
      this.bytes.set(piece.subarray(at, at + count), this.filled);
      this.filled += count;
      at += count;
      if (this.filled < this.bytes.length) return;
      if (this.is_whole) yield this.next();
      else this.lengthen();
    }
  }

  private lengthen(): void {
    const whole = new Uint8Array(lengthOf(this.bytes));
    whole.set(this.bytes);
    this.bytes = whole;
    this.is_whole = true;
  }

  private next(): Uint8Array<ArrayBuffer> {
    const { bytes } = this;
    this.bytes = new Uint8Array(PREFIX_BYTES);
    this.filled = 0;
    this.is_whole = false;
    return bytes;
  }
}
