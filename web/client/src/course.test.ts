import { expect, it } from "vitest";
import { Course, type GapItem } from "./course.js";
import type { GapEvent } from "./feed-events.js";

const frame = (first_sample: number, epoch = "e", samples = 10) => ({ epoch, first_sample, samples });
const gap = (from_sample: number, to_sample: number | null, more: Partial<GapEvent> = {}): GapEvent => ({
  epoch: "e", from_sample, to_sample, cause: "history", exact: false, ...more,
});
const span = (item: GapItem | null) => item && [item.from_sample, item.to_sample];

it("tells no event twice, and each hole that nobody announced", () => {
  const course = new Course(true, null);
  expect([course.pass(frame(100)), course.pass(frame(110)), course.pass(frame(110))]).toEqual([[], [], null]);
  expect(course.pass(frame(150))).toEqual([{ type: "gap", epoch: "e", from_sample: 120, to_sample: 150, cause: "unannounced", exact: true }]);
  expect([course.pass(frame(0, "f")), course.last_event_id]).toEqual([[], "f:0"]);
});

it("begins a gap where it ended itself, and leaves out what it knows", () => {
  const course = new Course(true, null);
  course.pass(frame(100));
  expect([span(course.gap(gap(100, 200))), course.gap(gap(100, 200)), course.gap(gap(150, 180))]).toEqual([[110, 200], null, null]);
  expect([span(course.gap(gap(150, 250))), course.pass(frame(250))]).toEqual([[200, 250], []]);
});

it("follows a gap into the next epoch, and tells it once until an event follows", () => {
  const course = new Course(true, null);
  course.pass(frame(100));
  const lost = gap(110, null, { next_epoch: "f" });
  expect([course.gap(lost), course.gap(lost)]).toEqual([{ type: "gap", ...lost }, null]);
  expect([span(course.gap(gap(0, 40, { epoch: "f" }))), course.pass(frame(40, "f")), course.pass(frame(60, "f"))]).toEqual([
    [0, 40], [], [expect.objectContaining({ from_sample: 50, to_sample: 60 })],
  ]);
});

it("lets windows overlap, and leaves their gaps as they are", () => {
  const course = new Course(false, "e:90");
  expect([course.last_event_id, course.pass(frame(100)), course.pass(frame(105)), course.pass(frame(140))]).toEqual(["e:90", [], [], []]);
  expect(span(course.gap(gap(105, 200)))).toEqual([105, 200]);
});

it("tells a state when it is another one", () => {
  const course = new Course(true, null);
  const state = { state: "running", reason: null, epoch: "e", sample_rate: 1, channels: 1 };
  expect([course.change(state), course.change({ ...state }), course.change({ ...state, state: "stalled" })]).toEqual([
    { type: "state", ...state }, null, { type: "state", ...state, state: "stalled" },
  ]);
});
