import type { AxiosProgressEvent, InternalAxiosRequestConfig } from 'axios';

/** Progress of a body, as a test reports it. */
export interface TestProgress {
  /** Which body it is: that of the request, or that of the response. @defaultValue `'downloadProgress'` */
  readonly type?: 'uploadProgress' | 'downloadProgress';
  /** How many bytes have been transferred so far. */
  readonly loaded: number;
  /** How many bytes the whole body has; absent if that is not known. */
  readonly total?: number;
  /** Bytes a second. */
  readonly rate?: number;
  /** How many seconds are left. */
  readonly estimated?: number;
}

/**
 * Calls the progress listener of a request with the same event that axios would create.
 *
 * @param loaded - how many bytes were reported last, by the type of progress. The function updates it
 */
export function emitProgress(
  { onUploadProgress, onDownloadProgress }: InternalAxiosRequestConfig,
  { type = 'downloadProgress', ...progress }: TestProgress,
  loaded: Partial<Record<string, number>>,
): void {
  const { total } = progress;
  const isUpload = type === 'uploadProgress';
  const event: AxiosProgressEvent = {
    ...progress,
    bytes: Math.max(0, progress.loaded - (loaded[type] ?? 0)),
    lengthComputable: total !== undefined,
    ...(total ? { progress: progress.loaded / total } : {}),
    ...(isUpload ? { upload: true } : { download: true }),
  };
  loaded[type] = progress.loaded;
  (isUpload ? onUploadProgress : onDownloadProgress)?.(event);
}
