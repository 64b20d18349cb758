import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** java -cp 'JARS/*' Produce.java BROKER TOPIC COUNT: that many records in each compression that the Java client knows. */
public class Produce {
    public static void main(String[] arguments) {
        for (String compression : new String[] {"none", "gzip", "snappy", "lz4", "zstd"}) {
            Properties properties = new Properties();
            properties.put("bootstrap.servers", arguments[0]);
            properties.put("compression.type", compression);
            properties.put("linger.ms", "50");
            properties.put("batch.size", "262144");
            properties.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
            properties.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
            try (KafkaProducer<String, String> producer = new KafkaProducer<>(properties)) {
                for (int n = 0; n < Integer.parseInt(arguments[2]); n++) {
                    String value = String.format("{\"compression\":\"%s\",\"n\":%d,\"padding\":\"%s\"}", compression, n, "abc".repeat(n % 100));
                    producer.send(new ProducerRecord<>(arguments[1], value));
                }
            }
        }
    }
}
