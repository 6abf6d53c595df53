package netsim

import "math"

// place is where devices and customers are.
type place struct {
	name     string
	lat, lon float64
	// utc is the offset of its clock in hours, without daylight saving.
	utc float64
	// people in millions: urban agglomerations of the United Nations' World Urbanization Prospects 2018, rounded.
	people float64
	// reach is how many devices a head there are beside a rich country's: assumed.
	reach float64
}

// Reaches, assumed: richer countries first.
const (
	rich    = 1.0
	middle  = 0.5
	growing = 0.25
	poor    = 0.08
)

// metros are where people are. Devices and customers lie around them as their people do.
var metros = []place{
	{"New York", 40.7, -74.0, -5, 18.8, rich}, {"Los Angeles", 34.1, -118.2, -8, 12.4, rich}, {"Chicago", 41.9, -87.6, -6, 8.9, rich},
	{"Houston", 29.8, -95.4, -6, 6.1, rich}, {"Dallas", 32.8, -96.8, -6, 6.1, rich}, {"Miami", 25.8, -80.2, -5, 6.0, rich},
	{"Atlanta", 33.7, -84.4, -5, 5.6, rich}, {"Washington", 38.9, -77.0, -5, 5.2, rich}, {"Seattle", 47.6, -122.3, -8, 3.4, rich},
	{"San Francisco", 37.8, -122.4, -8, 3.3, rich}, {"Denver", 39.7, -105.0, -7, 2.8, rich}, {"Toronto", 43.7, -79.4, -5, 6.1, rich},
	{"Montreal", 45.5, -73.6, -5, 4.2, rich}, {"Vancouver", 49.3, -123.1, -8, 2.5, rich}, {"Mexico City", 19.4, -99.1, -6, 21.6, growing},
	{"Bogota", 4.7, -74.1, -5, 10.6, growing}, {"Lima", -12.0, -77.0, -5, 10.4, growing}, {"Santiago", -33.4, -70.7, -4, 6.7, middle},
	{"Buenos Aires", -34.6, -58.4, -3, 15.0, growing}, {"Sao Paulo", -23.6, -46.6, -3, 21.7, growing}, {"Rio de Janeiro", -22.9, -43.2, -3, 13.3, growing},
	{"London", 51.5, -0.1, 0, 9.0, rich}, {"Dublin", 53.3, -6.3, 0, 1.2, rich}, {"Paris", 48.9, 2.4, 1, 10.9, rich},
	{"Madrid", 40.4, -3.7, 1, 6.5, rich}, {"Barcelona", 41.4, 2.2, 1, 5.5, rich}, {"Lisbon", 38.7, -9.1, 0, 2.9, rich},
	{"Milan", 45.5, 9.2, 1, 3.1, rich}, {"Rome", 41.9, 12.5, 1, 4.2, rich}, {"Berlin", 52.5, 13.4, 1, 3.6, rich},
	{"Cologne", 50.9, 7.0, 1, 10.0, rich}, {"Munich", 48.1, 11.6, 1, 3.0, rich}, {"Amsterdam", 52.4, 4.9, 1, 7.0, rich},
	{"Stockholm", 59.3, 18.1, 1, 1.6, rich}, {"Warsaw", 52.2, 21.0, 1, 4.0, middle}, {"Prague", 50.1, 14.4, 1, 2.0, middle},
	{"Vienna", 48.2, 16.4, 1, 1.9, rich}, {"Athens", 38.0, 23.7, 2, 3.2, middle}, {"Kyiv", 50.4, 30.5, 2, 3.0, growing},
	{"Moscow", 55.8, 37.6, 3, 12.4, middle}, {"Istanbul", 41.0, 29.0, 3, 14.8, growing}, {"Tel Aviv", 32.1, 34.8, 2, 4.0, rich},
	{"Dubai", 25.2, 55.3, 4, 2.8, rich}, {"Riyadh", 24.7, 46.7, 3, 6.9, middle}, {"Cairo", 30.0, 31.2, 2, 20.1, poor},
	{"Lagos", 6.5, 3.4, 1, 13.5, poor}, {"Nairobi", -1.3, 36.8, 3, 4.4, poor}, {"Johannesburg", -26.2, 28.0, 2, 5.5, growing},
	{"Karachi", 24.9, 67.0, 5, 15.4, poor}, {"Mumbai", 19.1, 72.9, 5.5, 20.0, poor}, {"Delhi", 28.6, 77.2, 5.5, 28.5, poor},
	{"Bangalore", 13.0, 77.6, 5.5, 11.4, growing}, {"Dhaka", 23.8, 90.4, 6, 19.6, poor}, {"Bangkok", 13.8, 100.5, 7, 10.2, growing},
	{"Ho Chi Minh City", 10.8, 106.7, 7, 8.1, growing}, {"Singapore", 1.4, 103.8, 8, 5.8, rich}, {"Jakarta", -6.2, 106.8, 7, 10.5, growing},
	{"Manila", 14.6, 121.0, 8, 13.5, growing}, {"Hong Kong", 22.3, 114.2, 8, 7.4, rich}, {"Shenzhen", 22.5, 114.1, 8, 11.9, middle},
	{"Guangzhou", 23.1, 113.3, 8, 12.6, middle}, {"Shanghai", 31.2, 121.5, 8, 25.6, middle}, {"Beijing", 39.9, 116.4, 8, 19.6, middle},
	{"Chengdu", 30.6, 104.1, 8, 8.8, middle}, {"Taipei", 25.0, 121.5, 8, 6.9, rich}, {"Seoul", 37.6, 127.0, 9, 10.0, rich},
	{"Busan", 35.2, 129.1, 9, 3.5, rich}, {"Tokyo", 35.7, 139.7, 9, 37.5, rich}, {"Osaka", 34.7, 135.5, 9, 19.3, rich},
	{"Sydney", -33.9, 151.2, 10, 4.8, rich}, {"Melbourne", -37.8, 145.0, 10, 4.8, rich}, {"Auckland", -36.8, 174.8, 12, 1.6, rich},
}

// hubs are where clouds have their GPUs: regions that the large clouds publish; how much is where is assumed.
var hubs = []place{
	{"Ashburn", 39.0, -77.5, -5, 20, rich}, {"Columbus", 40.0, -83.0, -5, 8, rich}, {"Council Bluffs", 41.3, -95.9, -6, 7, rich},
	{"Dallas", 32.8, -96.8, -6, 6, rich}, {"Boardman", 45.8, -119.7, -8, 10, rich}, {"Santa Clara", 37.4, -122.0, -8, 5, rich},
	{"Montreal", 45.5, -73.6, -5, 3, rich}, {"Sao Paulo", -23.6, -46.6, -3, 3, rich}, {"Dublin", 53.3, -6.3, 0, 6, rich},
	{"London", 51.5, -0.1, 0, 5, rich}, {"Frankfurt", 50.1, 8.7, 1, 7, rich}, {"Paris", 48.9, 2.4, 1, 4, rich},
	{"Lulea", 65.6, 22.1, 1, 2, rich}, {"Milan", 45.5, 9.2, 1, 2, rich}, {"Manama", 26.2, 50.6, 3, 1, rich},
	{"Cape Town", -33.9, 18.4, 2, 1, rich}, {"Mumbai", 19.1, 72.9, 5.5, 4, rich}, {"Singapore", 1.4, 103.8, 8, 5, rich},
	{"Hong Kong", 22.3, 114.2, 8, 2, rich}, {"Ulanqab", 41.0, 113.1, 8, 8, rich}, {"Shanghai", 31.2, 121.5, 8, 4, rich},
	{"Seoul", 37.6, 127.0, 9, 4, rich}, {"Tokyo", 35.7, 139.7, 9, 7, rich}, {"Osaka", 34.7, 135.5, 9, 3, rich},
	{"Sydney", -33.9, 151.2, 10, 4, rich},
}

// weights of places: people who have devices.
func weights(places []place) []float64 {
	all := make([]float64, len(places))
	for i, p := range places {
		all[i] = p.people * p.reach
	}
	return all
}

// scatter is how far from its metro's centre something lies, in degrees, one deviation: assumed.
const scatter = 0.6

const earthRadius = 6371.0 // km, the mean.

// distance is the great circle's in km, by the haversine.
func distance(latA, lonA, latB, lonB float64) float64 {
	const degree = math.Pi / 180
	sinLat := math.Sin((latB - latA) * degree / 2)
	sinLon := math.Sin((lonB - lonA) * degree / 2)
	h := sinLat*sinLat + math.Cos(latA*degree)*math.Cos(latB*degree)*sinLon*sinLon
	return 2 * earthRadius * math.Asin(math.Sqrt(min(1, h)))
}

const (
	// fibre is the speed of light in it, km a second: two thirds of that in a vacuum.
	fibre = 200_000.0
	// stretch is how much longer paths are than great circles. Bozkurt et al., "Dissecting latency in the Internet's fiber infrastructure"
	// (2018) give 2.1 as the rule of thumb and 1.3 as what conduits allow; between, so that near devices aren't flattered.
	stretch = 1.6
	// pathNoise is the deviation of the logarithm of a pair's stretch: assumed.
	pathNoise = 0.2
)

// roundTrip is the time between two points in seconds, without their last miles. The pair names the two ends for the noise.
func (c chance) roundTrip(km float64, a, b uint64) float64 {
	return 2 * km * stretch / fibre * math.Exp(pathNoise*c.normal(drawPath, a, b, 0))
}
