import { assertEquals } from "@std/assert";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { execPath } from "node:process";
import type { Tagged } from "../../core/event_counts.ts";
import { type EventMessage, Service, type ServiceMessage } from "../../core/service.ts";
import { Child } from "../support/process.ts";
import { onDeno } from "../support/runtime.ts";

class Speaker extends Service<Tagged> {
  constructor(name = "speaker") {
    super(name);
    this.publish({ type: "listening" });
  }

  say(type: string): void {
    this.publish({ type });
  }

  protected override stop(): void {
    this.publish({ type: "goodbye" });
  }
}

/** Everything published on a channel while `body` runs. */
async function heard<Message>(channel: string, body: () => Promise<void>): Promise<Message[]> {
  const messages: Message[] = [];
  const subscriber = (message: unknown): void => void messages.push(message as Message);
  subscribe(channel, subscriber);
  try {
    await body();
  } finally {
    unsubscribe(channel, subscriber);
  }
  return messages;
}

Deno.test("every event is published on the channel of its kind, the first and last ones too", {
  permissions: "none",
}, async () => {
  let service: Speaker | undefined;
  const messages = await heard<EventMessage>("heartline:speaker", async () => {
    service = new Speaker();
    const other = new Speaker("other");
    service.say("one");
    await service.close();
    await other.close();
  });
  assertEquals(messages.map(({ event }) => event.type), ["listening", "one", "goodbye"]);
  assertEquals(messages.every((message) => message.service === service), true);
});

Deno.test("it is told when a service starts and when it has stopped", {
  permissions: "none",
}, async () => {
  const messages = await heard<ServiceMessage>("heartline:service", async () => {
    const service = new Speaker();
    await Promise.all([service.close(), service.close()]);
  });
  assertEquals(messages.map(({ service, state }) => [service.name, state]), [
    ["speaker", "started"],
    ["speaker", "closed"],
  ]);
});

Deno.test("who subscribes no more is told no more", { permissions: "none" }, async () => {
  const service = new Speaker();
  const messages = await heard("heartline:speaker", () => Promise.resolve(service.say("one")));
  service.say("two");
  await service.close();
  assertEquals(messages.length, 1);
});

Deno.test("the library loads and works where there is no node: module", {
  permissions: { run: true, read: true, env: true },
  ignore: !onDeno,
}, async () => {
  const program = `
    delete globalThis.process;
    await import(${JSON.stringify(new URL("../../mod.ts", import.meta.url).href)});
    const { Service } = await import(${
    JSON.stringify(new URL("../../core/mod.ts", import.meta.url).href)
  });
    class Silent extends Service { stop() {} say() { this.publish({ type: "said" }); } }
    const service = new Silent("silent");
    service.say();
    await service.close();
    for await (const { type } of service) console.log(type);
  `;
  await using child = new Child(execPath, ["eval", "--quiet", program]);
  assertEquals([await child.exitCode(), child.out, child.err], [0, ["said"], []]);
});
