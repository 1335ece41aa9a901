package io.shardfire.driver.launch;

import io.shardfire.sharding.transport.NetworkConfiguration;

/** A rank that cannot open its endpoint. */
record UnopenableRankBody() implements RankBody {
  @Override
  public RankSession open(NetworkConfiguration network) {
    throw new IllegalStateException("Port taken: port=7");
  }
}
