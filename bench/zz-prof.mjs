import { Session } from 'node:inspector/promises';
import { writeFileSync } from 'node:fs';
process.on('SIGUSR2', async()=>{ const s=new Session(); s.connect(); await s.post('Profiler.enable'); await s.post('Profiler.setSamplingInterval',{interval:500}); await s.post('Profiler.start'); setTimeout(async()=>{const {profile}=await s.post('Profiler.stop'); writeFileSync('/tmp/b-prof-'+process.pid+'.json',JSON.stringify(profile));},4000);});
