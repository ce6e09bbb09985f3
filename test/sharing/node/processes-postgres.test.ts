import { describeProcesses } from './processes.ts';

describeProcesses('postgres');
