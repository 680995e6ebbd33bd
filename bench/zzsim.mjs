import { MesosSimulator } from '@vibrissa/mesos-simulator';
const s=await MesosSimulator.open({agents:1}); console.log(s.url);
setTimeout(()=>s.stop(), 120000);
