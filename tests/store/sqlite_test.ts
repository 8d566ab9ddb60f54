import { stat, writeFile } from "node:fs/promises";
import type { DatabaseSync } from "node:sqlite";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import type { SequenceSession } from "../../sequence/store.ts";
import { loadSqlite, openSqliteStore, SqliteStore } from "../../store/sqlite.ts";
import { withFolder } from "../support/folder.ts";
import { hasSqlite } from "../support/runtime.ts";

function session(n: number): SequenceSession {
  return {
    ...{ id: n.toString(16).padStart(32, "0"), seed: [n, n], length: 65_535, epoch: 1, next: 0 },
    ...{ tokenHash: "ab".repeat(32), previousTokenHash: undefined, state: "open", expiresAt: 4e12 },
  };
}

Deno.test(
  "what was committed is there when the file is opened again",
  { ignore: !hasSqlite },
  () =>
    withFolder(async (folder) => {
      const first = await openSqliteStore(`${folder}/s.sqlite`);
      await first.create(session(1));
      await first.progress(session(1).id, 1, { next: 7, confirmed: true, expiresAt: 5e12 });
      await first.close();
      const second = await openSqliteStore(`${folder}/s.sqlite`);
      assertEquals(await second.load(session(1).id), { ...session(1), next: 7, expiresAt: 5e12 });
      await second.close();
    }),
);

Deno.test(
  "what waits for its commit is committed by closing",
  { ignore: !hasSqlite },
  () =>
    withFolder(async (folder) => {
      const first = await openSqliteStore(`${folder}/s.sqlite`);
      await first.create(session(1));
      const change = { next: 7, confirmed: true, expiresAt: 5e12 };
      const [changed] = await Promise.all([
        first.progress(session(1).id, 1, change),
        first.close(),
      ]);
      assertEquals(changed, true);
      const second = await openSqliteStore(`${folder}/s.sqlite`);
      assertEquals((await second.load(session(1).id))?.next, 7);
      await second.close();
    }),
);

Deno.test(
  "a session whose renewal waits for its commit does not expire",
  { ignore: !hasSqlite },
  async () => {
    const store = await openSqliteStore(":memory:");
    await store.create(session(1));
    const renewed = store.progress(session(1).id, 1, { next: 0, confirmed: true, expiresAt: 5e12 });
    assertEquals([await store.expire(4.5e12), await renewed], [0, true]);
    await store.close();
  },
);

Deno.test(
  "sessions of a file whose columns had their first names are there, and it is opened again",
  { ignore: !hasSqlite },
  () =>
    withFolder(async (folder) => {
      const path = `${folder}/s.sqlite`;
      const { DatabaseSync } = await loadSqlite();
      const old = new DatabaseSync(path);
      old.exec(`CREATE TABLE session (
        id BLOB PRIMARY KEY, seed BLOB NOT NULL, length INTEGER NOT NULL, epoch INTEGER NOT NULL,
        next INTEGER NOT NULL, token BLOB NOT NULL, previous BLOB, state INTEGER NOT NULL,
        expires INTEGER NOT NULL
      ) WITHOUT ROWID;
      INSERT INTO session VALUES (x'${session(1).id}', x'0100000001000000', 65535, 1, 0,
        x'${"ab".repeat(32)}', x'${"cd".repeat(32)}', 0, 4000000000000)`);
      old.close();
      const wanted = { ...session(1), previousTokenHash: "cd".repeat(32) };
      for (let time = 0; time < 2; time++) {
        const store = await openSqliteStore(path);
        assertEquals(await store.load(wanted.id), wanted);
        await store.close();
      }
    }),
);

Deno.test(
  "a file that a later version has written is refused, and stays as it is",
  { ignore: !hasSqlite },
  () =>
    withFolder(async (folder) => {
      const path = `${folder}/s.sqlite`;
      const { DatabaseSync } = await loadSqlite();
      const later = new DatabaseSync(path);
      later.exec("PRAGMA user_version=3");
      await assertRejects(
        () => openSqliteStore(path),
        HeartlineError,
        "wanted schema 2 or an earlier one, current value is 3",
      );
      assertEquals(later.prepare("SELECT count(*) AS tables FROM sqlite_master").get()?.tables, 0);
      later.close();
    }),
);

Deno.test("what a client relies on is committed with an fsync, the rest without", {
  ignore: !hasSqlite,
}, async () => {
  const database = new (await loadSqlite()).DatabaseSync(":memory:");
  const store = new SqliteStore(database, { tombstoneLife: 1, maxTombstones: 1 }, ":memory:");
  const modes: (string | undefined)[] = [];
  const really = database.exec.bind(database);
  database.exec = (sql) => {
    if (sql.includes("BEGIN")) modes.push(/synchronous=(\w+)/.exec(sql)?.[1]);
    really(sql);
  };
  const { id, tokenHash } = session(1);
  await store.create(session(1));
  await store.progress(id, 1, { next: 1, confirmed: true, expiresAt: 5e12 });
  await store.resume(id, 1, { tokenHash, previousTokenHash: tokenHash, expiresAt: 5e12 });
  await store.finish(id, 2, { state: "completed", until: 5e12 });
  assertEquals(modes, ["FULL", "NORMAL", "FULL", "NORMAL"]);
  await store.close();
});

Deno.test(
  "a change that fails is told, and those after it are made",
  { ignore: !hasSqlite },
  async () => {
    const store = await openSqliteStore(":memory:");
    await store.create(session(1));
    await assertRejects(() => store.create(session(1)), HeartlineError, "Cannot write");
    await store.create(session(2));
    assertEquals(await store.load(session(2).id), session(2));
    await store.close();
  },
);

Deno.test(
  "a session takes at most 256 bytes, 10,000 of them one commit",
  { ignore: !hasSqlite },
  () =>
    withFolder(async (folder) => {
      const store = await openSqliteStore(`${folder}/s.sqlite`);
      await Promise.all(Array.from({ length: 10_000 }, (_, n) => store.create(session(n))));
      const previousTokenHash = "cd".repeat(32);
      await Promise.all(
        Array.from(
          { length: 10_000 },
          (_, n) =>
            store.resume(session(n).id, 1, {
              tokenHash: previousTokenHash,
              previousTokenHash,
              expiresAt: 4e12,
            }),
        ),
      );
      await store.close();
      const { size } = await stat(`${folder}/s.sqlite`);
      assert(size / 10_000 <= 256, `${size / 10_000} bytes a session`);
    }),
);

/** Opens a store, and a connection of somebody else to its file. */
function withOther(
  run: (store: SqliteStore, other: DatabaseSync, path: string) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    const path = `${folder}/s.sqlite`;
    const store = await openSqliteStore(path);
    const other = new (await loadSqlite()).DatabaseSync(path);
    await run(store, other, path);
    other.close();
    await store.close();
  });
}

Deno.test("who meets a lock waits without holding up the process, in order", {
  ignore: !hasSqlite,
}, () =>
  withOther(async (store, other) => {
    other.exec("BEGIN IMMEDIATE");
    const { id } = session(1);
    const change = { next: 7, confirmed: true, expiresAt: 5e12 };
    const done: string[] = [];
    const calls = [
      store.create(session(1)).then(() => done.push("created")),
      store.progress(id, 1, change).then((changed) => done.push(`moved ${changed}`)),
      store.expire(4.5e12).then((count) => done.push(`expired ${count}`)),
    ].map((call) => call.catch((error) => done.push(String(error))));
    // This turns the loop that a wait inside SQLite would hold up.
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals(done, []);
    other.exec("COMMIT");
    await Promise.all(calls);
    assertEquals(done.toSorted(), ["created", "expired 0", "moved true"]);
    assertEquals((await store.load(id))?.next, 7);
  }));

Deno.test("a lock that lasts is told with its file, and what comes after it is done", {
  ignore: !hasSqlite,
}, () =>
  withOther(async (store, other, path) => {
    other.exec("BEGIN IMMEDIATE");
    const complaint = RegExp(
      `^Cannot (?:write|use) the SQLite store ${path}: another process has locked it for 2\\.\\d s$`,
    );
    await Promise.all([store.create(session(1)), store.expire(1)].map(async (call) => {
      const error = await assertRejects(() => call, HeartlineError);
      assertMatch((error as HeartlineError).message, complaint);
    }));
    other.exec("COMMIT");
    await store.create(session(2));
    assertEquals(await store.load(session(1).id), undefined);
  }));

Deno.test("a store that is closed while its file is locked writes what waits, and closes", {
  ignore: !hasSqlite,
}, () =>
  withFolder(async (folder) => {
    const path = `${folder}/s.sqlite`;
    const store = await openSqliteStore(path);
    const other = new (await loadSqlite()).DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    const created = store.create(session(1));
    const all = Promise.all([created, store.close(), store.close()]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    other.exec("COMMIT");
    await all;
    assertEquals(other.prepare("SELECT count(*) AS n FROM session").get()?.n, 1);
    other.close();
  }));

Deno.test("a file that is no database, and a folder that is not there, are typed errors", {
  ignore: !hasSqlite,
}, () =>
  withFolder(async (folder) => {
    await writeFile(`${folder}/text`, "no database".repeat(100));
    for (const path of [`${folder}/text`, `${folder}/missing/s.sqlite`]) {
      const error = await assertRejects(() => openSqliteStore(path), HeartlineError, "Cannot open");
      assertEquals((error as HeartlineError).code, "io");
    }
  }));

Deno.test("without node:sqlite the error names the alternatives", async () => {
  const missing = () => Promise.reject(new Error("No such built-in module: node:sqlite"));
  const error = await assertRejects(() => loadSqlite(missing), HeartlineError, "memory store");
  assertEquals((error as HeartlineError).code, "not-supported");
});

Deno.test("a closed store refuses to write", { ignore: !hasSqlite }, async () => {
  const store = await openSqliteStore(":memory:");
  await store.close();
  await assertRejects(() => store.create(session(1)), HeartlineError, "closed");
  await assertRejects(() => store.load(session(1).id), HeartlineError, "Cannot use");
});
