// rss.mjs REPORT COMMAND ARG...: runs the command, writes its wall time, cpu time and peak memory to REPORT as JSON.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';

const [report, command, ...args] = process.argv.slice(2);
const start = process.hrtime.bigint();
const child = spawn(command, args, { stdio: 'ignore' });
let peak = 0;
let last = { utime: 0, stime: 0 };
const tick = 100; // USER_HZ

// VmHWM is the kernel's own high-water mark of a process: sampling can miss only growth in its last milliseconds.
function sample() {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    last = { utime: Number(stat[11]), stime: Number(stat[12]) };
    for (const name of readdirSync(`/proc/${child.pid}/task/${child.pid}`).length ? childrenOf(child.pid) : []) {
      const grand = readFileSync(`/proc/${name}/status`, 'utf8');
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(grand)?.[1] ?? 0) / 1024);
    }
  } catch {
    // The process has ended between two reads.
  }
}

function childrenOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
}

const timer = setInterval(sample, 4);
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
child.on('exit', (code, signal) => {
  const wall = Number(process.hrtime.bigint() - start) / 1e9;
  clearInterval(timer);
  if (signal) {
    process.stderr.write(`ended by ${signal}\n`);
    process.exit(1);
  }
  writeFileSync(report, JSON.stringify({ wall, cpu: (last.utime + last.stime) / tick, rss: peak, code }));
});
