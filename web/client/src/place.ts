// Where an event stands among all: `<run>:<number>`, numbers of one run of the program counting from 1.

/** Whether something at `place` comes behind what was at `last`. Runs have no order: another one is always new, as is what is no place. */
export function isBehind(place: string, last: string | null): boolean {
  if (last === null) return true;
  const [run, number] = split(place);
  const [last_run, last_number] = split(last);
  return run !== last_run || !(number <= last_number);
}

function split(place: string): [run: string, number: number] {
  const colon = place.lastIndexOf(":");
  return [place.slice(0, colon), Number(place.slice(colon + 1))];
}
