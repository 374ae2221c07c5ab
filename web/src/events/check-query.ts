// What the server says to a query, part by part, so that each fault stands beside what it is about.

import { api, ApiError } from "../api/client";
import { ALL_EVENTS, type EventQuery } from "./event-query";

export interface QueryFaults {
  events: string | null;
  environment: string | null;
  /** One for each filter. */
  filters: (string | null)[];
}

export const hasFault = ({ events, environment, filters }: QueryFaults) => [events, environment, ...filters].some((fault) => fault !== null);

export async function checkQuery({ events, environment, filters }: EventQuery): Promise<QueryFaults> {
  const [of_events, of_environment, ...of_filters] = await Promise.all([
    events.length > 0 ? faultOf({ events }) : null,
    environment === "" ? null : faultOf({ environment }),
    ...filters.map((filter) => faultOf({ filters: [filter] })),
  ]);
  return { events: of_events, environment: of_environment, filters: of_filters };
}

/** The server is asked for nothing, but reads the question. What it does not answer it does not refuse. */
async function faultOf(part: Partial<EventQuery>): Promise<string | null> {
  try {
    await api.events({ ...ALL_EVENTS, ...part, until: "1970-01-01T00:00:00Z" }, { limit: 1 });
    return null;
  } catch (error) {
    return error instanceof ApiError && error.status === 400 ? error.message : null;
  }
}
