import { assertEquals } from "@std/assert";
import { Grid, mostWithin } from "../../bench/harness/grid.ts";

Deno.test({
  name: "a grid tells how late each instant was met",
  permissions: "none",
  fn() {
    const grid = new Grid(10, 100);
    assertEquals([110, 213, 310].map((now) => grid.meet(now)), [0, 3, 0]);
  },
});

Deno.test({
  name: "what comes early meets the instant it was due at, and not the next one",
  permissions: "none",
  fn() {
    const grid = new Grid(0.1, 100);
    assertEquals(Math.round(grid.meet(99.1)), -1);
    assertEquals(Math.round(grid.meet(200.1)), 0);
  },
});

Deno.test({
  name: "what comes after the next instant is late by more than an interval, and skips it",
  permissions: "none",
  fn() {
    const grid = new Grid(0, 100);
    assertEquals(grid.meet(250), 150);
    assertEquals(grid.meet(305), 5);
  },
});

Deno.test({
  name: "an instant that was believed to have passed may still be met",
  permissions: "none",
  fn() {
    const grid = new Grid(0, 100);
    assertEquals(grid.meet(201), 101);
    assertEquals(grid.meet(204), 4);
    assertEquals(grid.meet(300), 0);
  },
});

Deno.test({
  name: "a grid that is rejoined forgets what was missed",
  permissions: "none",
  fn() {
    const grid = new Grid(0, 100);
    grid.rejoin(730);
    assertEquals(grid.meet(800), 0);
  },
});

Deno.test({
  name: "mostWithin finds the fullest span wherever it begins",
  permissions: "none",
  fn() {
    assertEquals(mostWithin([], 100), 0);
    assertEquals(mostWithin([5, 5, 5], 100), 3);
    assertEquals(mostWithin([0, 90, 110, 180, 189, 300], 100), 4);
    assertEquals(mostWithin([0, 100, 200], 100), 1);
  },
});
