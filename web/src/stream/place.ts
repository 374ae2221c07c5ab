// Where in the stream a picture lies.

export interface Place {
  epoch: string;
  /** Index of its first sample, and the UTC of that in microseconds. */
  first_sample: number;
  captured_us: number;
  sample_rate: number;
}

/** The place of another sample of the same epoch. */
export function placeAt(place: Place, first_sample: number): Place {
  const later_us = ((first_sample - place.first_sample) * 1e6) / place.sample_rate;
  return { ...place, first_sample, captured_us: Math.round(place.captured_us + later_us) };
}

/** Of an event, which has more. */
export function placeOf({ epoch, first_sample, captured_us, sample_rate }: Place): Place {
  return { epoch, first_sample, captured_us, sample_rate };
}
