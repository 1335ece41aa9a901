package io.shardfire.driver.corpus;

import java.io.Serializable;

/** What all shards have in common. */
record ShardFormat(int vocabularySize, String vocabularyHash, long tokensPerShard)
    implements Serializable {}
