// Preloaded into what the bootstrap runs: when the bootstrap is gone without a word (`kill -9`), the
// process that does its work must not go on unseen.
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.env.KAFKA_ALERT_PARENT_WATCH !== 'off') {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}
