import { Peer, nowMs } from './lib/mesos-process.js';
const crowd = await Peer.start('./cluster-crowd.js', { within: ['unshare', '--net'] });
await crowd.ask('network');
let t=nowMs();
await crowd.ask('open', { from: 0, count: 49, all: 50 });
console.log('opened', nowMs()-t);
const id = await crowd.ask('openChild', { index: 49, all: 50 });
let b=await crowd.ask('traffic');
for (let i=0;i<14;i++){ await new Promise(r=>setTimeout(r,2000)); const s=await crowd.ask('states'); const a=await crowd.ask('traffic'); console.log(i, (nowMs()-t|0), s.filter(x=>x.leads).length, Math.min(...s.map(x=>x.alive)), 'B/s/member', (a.loopbackBytes-b.loopbackBytes)/50/(a.atMs-b.atMs)*1000|0, (a.datagramBytes-b.datagramBytes)/50/(a.atMs-b.atMs)*1000|0, JSON.stringify(await crowd.ask('deaths')), JSON.stringify(crowd.residentMb())); b=a;}
const k=await crowd.ask('killChild'); const seen=await crowd.ask('untilDead',{id,withinMs:20000}); console.log(Math.min(...seen)-k, Math.max(...seen)-k);
console.log(JSON.stringify(await crowd.ask('deaths')), JSON.stringify(await crowd.ask('lag').catch(()=>0)));
await crowd.stop();
