package io.shardfire.worker.program;

import java.util.function.Supplier;

/** The path of names from the model to the module that is at work: {@code block-3.attention}. */
public final class Scope {
  private String path = "";

  /** A name below the path. */
  public String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** The path. */
  public String path() {
    return path;
  }

  /** Runs {@code body} one name further down. */
  public <T> T below(String name, Supplier<T> body) {
    return at(path(name), body);
  }

  /** Runs {@code body} at a path. */
  public <T> T at(String other, Supplier<T> body) {
    String before = path;
    path = other;
    try {
      return body.get();
    } finally {
      path = before;
    }
  }
}
