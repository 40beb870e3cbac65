package lakeshift.worker;

import java.lang.reflect.Field;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.mapred.JobConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * Forgets which file each of Hadoop's thousand properties came from; their values stay.
 *
 * <p>Spark sends the whole configuration to the tasks with every scan and every write, and Hadoop packs the source of
 * each property as a gzip stream of its own: that is two thirds of what it takes to send and to receive one.
 */
public final class SourcesForgotten implements SparkPlugin {
  @Override
  public DriverPlugin driverPlugin() {
    return new DriverPlugin() {
      @Override
      public Map<String, String> init(SparkContext context, PluginContext plugins) {
        forget(context.hadoopConfiguration());
        return Map.of();
      }
    };
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return null;
  }

  private static void forget(Configuration configuration) {
    // Both add files to those that every configuration reads, which then reads all of them again.
    new JobConf();
    HdfsConfiguration.init();
    configuration.size(); // reads them
    try {
      Field sources = Configuration.class.getDeclaredField("updatingResource");
      sources.setAccessible(true);
      ((Map<?, ?>) sources.get(configuration)).clear();
    } catch (ReflectiveOperationException otherHadoop) {
      return; // it only takes longer then
    }
  }
}
