// What stands on a chart beside its picture: why there is none, and that it is held.

import { NoSamples, type NoSamplesProps } from "./NoSamples";
import { PausedMark } from "./PausedMark";

export function ChartMarks(props: NoSamplesProps) {
  return (
    <>
      <NoSamples {...props} />
      <PausedMark facts={props.facts} />
    </>
  );
}
