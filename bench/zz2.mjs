import { Trio } from './lib/cluster-trio.js';
const trio = await Trio.start({ timing:'default' });
const {slot}=await trio.untilWhole();
const leader=trio.peers[slot];
const way=process.argv[2];
const w={batched:{way,crowd:256},apart:{way,crowd:256},'at-once':{way,keys:100}}[way];
if (way==='write') { await leader.ask('writes',{calls:500,bytes:200}); if(process.env.NODE_OPTIONS) leader.signal(); const t=Date.now(); console.log(await leader.ask('writes',{calls:3000,bytes:200}), Date.now()-t); }
else { await leader.ask('intents',{...w,count:2000,round:'w'}); if(process.env.NODE_OPTIONS) leader.signal(); for (let i=0;i<4;i++) console.log(way, await leader.ask('intents',{...w,count:5000,round:'r'+i})); }
if(process.env.NODE_OPTIONS) await new Promise(r=>setTimeout(r,4500));
await trio.stop();
