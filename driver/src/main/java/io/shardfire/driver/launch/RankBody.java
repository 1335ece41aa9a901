package io.shardfire.driver.launch;

import io.shardfire.sharding.transport.NetworkConfiguration;
import java.io.Serializable;

/**
 * What a rank does once it is placed; travels from the driver to the executors, so it holds plain
 * values only.
 */
interface RankBody extends Serializable {
  /** Opens this rank's endpoint, before the ranks know of each other. */
  RankSession open(NetworkConfiguration network);
}
