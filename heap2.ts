import { createSession, memoryStore, sharedStore, memoryCell } from 'sluice/session';
import { redisStore } from 'sluice/redis';
import { writeHeapSnapshot } from 'node:v8';
import { readFileSync } from 'node:fs';
const N = 3000;
const refresh = () => [];
const tokens = (n) => ({ accessToken: `access-${n}-${'x'.repeat(30)}`, refreshToken: `refresh-${n}-${'y'.repeat(30)}` });
const live = async () => { for (let i=0;i<6;i++){ await new Promise(r=>setTimeout(r,30)); gc(); } return process.memoryUsage().heapUsed; };
// A stand-in for Redis, in memory.
const db = new Map();
const client = { get: async (k) => db.get(k) ?? null, eval: async () => 1, evalSha: async (sha, { keys, arguments: a }) => { const v = db.has(keys[0]) ? JSON.parse(db.get(keys[0])).version : 0; if (v !== Number(a[0])) return 0; db.set(keys[0], Buffer.from(a[1]).toString()); return 1; },
  duplicate: () => ({ connect: async () => {}, subscribe: async () => {}, on: () => {}, destroy: () => {} }) };
const makers = {
 memory: () => createSession({ refresh, store: memoryStore() }),
 cell: () => createSession({ refresh, store: sharedStore(memoryCell()) }),
 redis: (key) => createSession({ refresh, store: redisStore(client, key, { ttlMs: 3600000 }) }),
};
const which = process.argv[2];
for (const name of which ? [which] : Object.keys(makers)) {
  const make = makers[name];
  const warm = Array.from({length: 50}, (_, n) => make(`warm${n}`)); await Promise.all(warm.map((s,n) => s.signIn(tokens(n)))); warm.forEach(s=>s.dispose());
  const before = await live();
  const sessions = Array.from({length: N}, (_, n) => make(`${name}:${n}`));
  await Promise.all(sessions.map((s, n) => s.signIn(tokens(n))));
  let after = await live();
  let size = 0; if (name==='redis') { for (const v of db.values()) size += v.length; db.clear(); await live(); after = await live(); }
  console.log(name, ((after - before)/N).toFixed(0), sessions.filter(s=>s.state.status==='signed-in').length);
  if (which) {
    const f = writeHeapSnapshot('/tmp/h.heapsnapshot');
    const s = JSON.parse(readFileSync(f, 'utf8'));
    const { node_fields, node_types } = s.snapshot.meta; const w = node_fields.length; const agg = new Map();
    for (let i = 0; i < s.nodes.length; i += w) { const type = node_types[0][s.nodes[i]]; const nm = s.strings[s.nodes[i+1]]; const key = type + ' ' + (type==='string'||type==='concatenated string' ? '' : nm.slice(0,60)); const a = agg.get(key) ?? [0,0]; a[0]++; a[1] += s.nodes[i+3]; agg.set(key, a); }
    for (const [k, [c, b]] of [...agg].filter(([, [c]]) => c >= N*0.9).sort((x, y) => y[1][1] - x[1][1])) console.log(String((b/N).toFixed(0)).padStart(6), (c/N).toFixed(2).padStart(6), k);
  }
  sessions.forEach(s=>s.dispose());
}
