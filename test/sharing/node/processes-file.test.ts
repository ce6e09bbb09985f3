import { describeProcesses } from './processes.ts';

describeProcesses('file');
