import { mkdtempSync, readFileSync } from 'node:fs';
import v8 from 'node:v8';
const rss=(w)=>{const s=readFileSync('/proc/self/status','utf8');const m=process.memoryUsage();console.log(w,['VmRSS','RssAnon','RssFile'].map(k=>k+'='+(Number(new RegExp(k+':\\s+(\\d+)').exec(s)[1])*1024/1e6).toFixed(1)).join(' '),'heapTotal',(m.heapTotal/1e6).toFixed(1),'used',(m.heapUsed/1e6).toFixed(1),'ext',(m.external/1e6).toFixed(1),'ab',(m.arrayBuffers/1e6).toFixed(1), v8.getHeapSpaceStatistics().filter(x=>x.physical_space_size>5e5).map(x=>x.space_name+':'+(x.physical_space_size/1e6).toFixed(1)+'/'+(x.space_used_size/1e6).toFixed(1)).join(' '))};
rss('start');
const { ClusterNode, FileStorage, staticSeeds } = await import('@vibrissa/cluster');
rss('cluster');
const { ClusteredScheduler } = await import('@vibrissa/mesos-ha');
rss('ha');
const { MesosSimulator } = process.env.SIM ? {} : await import('@vibrissa/mesos-simulator');
const storage = await FileStorage.open(mkdtempSync('/tmp/b-zz'), {name:'b'});
const cluster = await ClusterNode.open({name:'b', secrets:['a secret of the bench'], listen:{host:'127.0.0.1',port:7946}, seeds: staticSeeds(['127.0.0.1:7946']), instances:1, storage});
rss('node');
await new Promise(r=>setTimeout(r,6000));
rss('led');
const f = await ClusteredScheduler.open({cluster, masters: process.env.SIM, framework:{name:'b', failoverTimeoutMs: 1000}});
f.watch(c=>rss(c.kind+' '+c.line.slice(0,40)));
for (let i=0;i<4;i++){ await new Promise(r=>setTimeout(r,4000)); rss('idle'); }
if (global.gc) { gc(); rss('gc'); await new Promise(r=>setTimeout(r,3000)); rss('after gc'); }
process.exit(0);
