package io.shardfire.worker.data;

import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Local files under a scheme of their own, so that they are not taken for local. */
public final class HeapFileSystem extends RawLocalFileSystem {
  private static final URI NAME = URI.create("heap:///");

  /** A configuration that knows the scheme. */
  static Configuration configuration() {
    Configuration configuration = new Configuration(false);
    configuration.setClass("fs.heap.impl", HeapFileSystem.class, HeapFileSystem.class);
    configuration.setBoolean("fs.heap.impl.disable.cache", true);
    return configuration;
  }

  @Override
  public URI getUri() {
    return NAME;
  }
}
