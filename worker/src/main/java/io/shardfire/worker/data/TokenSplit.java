package io.shardfire.worker.data;

/** Which part of a prepared corpus. */
public enum TokenSplit {
  TRAIN,
  VALIDATION
}
