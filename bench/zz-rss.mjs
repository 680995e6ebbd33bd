import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
const require=createRequire(import.meta.url);
const rss=()=>{const s=readFileSync('/proc/self/status','utf8');return ['VmRSS','RssAnon','RssFile'].map(k=>k+'='+(Number(new RegExp(k+':\\s+(\\d+)').exec(s)[1])*1024/1e6).toFixed(1)).join(' ')};
for (const m of process.argv.slice(2)) { if (m.startsWith('r:')) require(m.slice(2)); else await import(m); }
setTimeout(()=>console.log(process.argv.slice(2).join(','), rss()),1500);
