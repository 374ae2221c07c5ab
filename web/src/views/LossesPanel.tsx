// Every sample that did not arrive: those lost before the server numbered them, and those lost on the way to this page.

import type { StreamStats } from "../api/types";
import type { Loss } from "../stream/continuity";
import type { Facts } from "../stream/live";
import type { LossLedger } from "../stream/loss-ledger";
import { Panel } from "./controls";
import { count, samplesAsTime, UNKNOWN } from "./format";
import { deviceLosses, lostSamples, sumText } from "./loss-text";

const CAUSES: Record<Loss["cause"], string> = {
  device: "device",
  ring: "callback ring",
  reopen: "device reopened",
  subscriber: "page too slow",
  history: "older than history",
  processor: "processor",
  connection: "connection lost",
  unannounced: "not announced",
};

export function LossesPanel({ facts, stats }: { facts: Facts; stats: StreamStats | null }) {
  const { losses, head } = facts;
  return (
    <Panel title="Lost samples" className="losses">
      <div className="loss-sums">
        <Sum
          name="Device side"
          hint="Before the samples were numbered; server's count since it started; ≈ is an estimate by clocks"
          {...deviceLosses(stats)}
        />
        <Sum
          name="This viewer"
          hint="On the way to this page, counted here since it was opened or cleared"
          value={head ? sumText(losses.sums.viewer) : UNKNOWN}
          detail={`all viewers: ${count(stats?.dropped_frames)} frames`}
        />
      </div>
      {head === null && losses.last.length === 0 ? <p className="note nothing">No samples.</p> : <LossList losses={losses} />}
    </Panel>
  );
}

function Sum({ name, hint, value, detail }: { name: string; hint: string; value: string; detail: string }) {
  return (
    <div className="loss-sum" title={hint}>
      <span className="loss-name">{name}</span>
      <span className={`loss-value ${value === "0" || value === UNKNOWN ? "" : "some"}`}>{value}</span>
      <span className="note">{detail}</span>
    </div>
  );
}

function LossList({ losses }: { losses: LossLedger }) {
  if (losses.last.length === 0) return <p className="note nothing">No gap since this page was opened or cleared.</p>;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the keyboard could not scroll it otherwise
    <section className="loss-list" tabIndex={0} aria-label="List of gaps, newest first">
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Cause</th>
            <th scope="col" className="number">
              Samples
            </th>
            <th scope="col" className="number">
              Length
            </th>
          </tr>
        </thead>
        <tbody>
          {losses.last.map((loss) => (
            <LossRow key={`${loss.epoch}:${loss.from_sample}:${loss.cause}:${loss.seen_ms}`} loss={loss} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function LossRow({ loss }: { loss: Loss }) {
  const about = loss.exact || loss.samples === null ? "" : "≈ ";
  const title = `${loss.side} side, from sample ${count(loss.from_sample)} of epoch ${loss.epoch}, ${loss.exact ? "exact" : "estimated"}`;
  return (
    <tr className={loss.side} title={title}>
      <td>{new Date(loss.seen_ms).toLocaleTimeString("en-GB")}</td>
      <td>{CAUSES[loss.cause] ?? loss.cause}</td>
      <td className="number">{loss.samples === null ? "new epoch" : lostSamples(loss.samples, loss.exact)}</td>
      <td className="number">{loss.samples === null ? UNKNOWN : about + samplesAsTime(loss.samples, loss.sample_rate)}</td>
    </tr>
  );
}
