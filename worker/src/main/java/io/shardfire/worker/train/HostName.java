package io.shardfire.worker.train;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** The name reports use for this machine. */
final class HostName {
  private HostName() {}

  static String local() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // A container may lack an entry for its own name; the exception's text starts with that name.
      return e.getMessage();
    }
  }
}
