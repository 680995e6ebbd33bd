declare module 'node-zookeeper-client' {
  const zookeeper: import('./zookeeper-client.ts').ZooKeeperModule;
  export default zookeeper;
}
