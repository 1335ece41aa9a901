package io.shardfire.sharding.transport;

import org.apache.spark.network.sasl.SecretKeyHolder;

/** One user, one secret: every rank belongs to the same application. */
final class ApplicationSecret implements SecretKeyHolder {
  static final String USER = "shardfire";

  private final String secret;

  ApplicationSecret(String secret) {
    this.secret = secret;
  }

  @Override
  public String getSaslUser(String appId) {
    return USER;
  }

  @Override
  public String getSecretKey(String appId) {
    return secret;
  }
}
