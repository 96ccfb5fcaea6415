export {
  type DataStreamOptions,
  type DataStreamReport,
  type PlatformOvalInput,
  writeDataStream,
} from './write-data-stream.ts';
