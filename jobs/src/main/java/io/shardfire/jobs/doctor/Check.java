package io.shardfire.jobs.doctor;

import java.util.List;

/** One thing that jobs need of this machine. */
public interface Check {
  /** A short name, such as {@code java}. */
  String name();

  /** Looks; a failure is a finding, not an exception. */
  List<Finding> run();
}
